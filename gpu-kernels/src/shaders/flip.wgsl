// Flips a bit of the word at a place: a fault, for tests.

@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
    if (local == 0u) {
        words[params[0]] ^= 1u;
    }
}
