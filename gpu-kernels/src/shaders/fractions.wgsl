// Fractions of blocks of rows: planes of numerators, one in the base field if BASE is 1 or five, then five planes of denominators.
//
// Params 0 to 6 are the number of workgroups; of items; how far planes are apart; 1 if the blocks are the halves of one whose vectors of 16 rows alternate; base-2 logarithm of the tiles of 256 rows that a workgroup
// takes; the places of the table of items (its first workgroup, rows) and of that of blocks (the first row's place, rows, and what else ENTRY has room for).

@group(0) @binding(1) var<storage, read> below: array<u32>;

struct Fraction { n: Ext, d: Ext }

// The rows of an item that a workgroup takes are those from `first` on.
struct Task { item: u32, first: u32, rows: u32 }

// The last item whose first workgroup is not after this one.
fn task(number: u32) -> Task {
    var low = 0u;
    var high = params[1];
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (params[params[5] + 2u * middle] <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let entry = params[5] + 2u * low;
    return Task(low, (number - params[entry]) << (8u + params[4]), params[entry + 1u]);
}

fn below_ext(at: u32) -> Ext {
    let s = params[2];
    return Ext(below[at], below[at + s], below[at + 2u * s], below[at + 3u * s], below[at + 4u * s]);
}

fn fraction(block: u32, row: u32) -> Fraction {
    let entry = params[6] + ENTRY * block;
    if (row >= params[entry + 1u]) {
        return beyond(block);
    }
    let at = params[entry] + ((row >> 4u) << (4u + params[3])) + (row & 15u);
    if (BASE == 1u) {
        return Fraction(ext_of(below[at]), below_ext(at + params[2]));
    }
    return Fraction(below_ext(at), below_ext(at + 5u * params[2]));
}

// x times a numerator, or a difference of some.
fn times(x: Ext, n: Ext) -> Ext {
    if (BASE == 1u) {
        return ext_scale(x, n.a);
    }
    return ext_mul(x, n);
}
