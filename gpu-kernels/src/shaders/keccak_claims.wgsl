// What follows a layer's claims, where `live` has it: the powers that batch them, and for each position variable the factors of its being zero and one.

const POWERS: u32 = 18u;
const MOST_CLAIMS: u32 = 35u;
const FACTORS: u32 = POWERS + 5u * MOST_CLAIMS;
