// Fractions of messages: a plane of numerators, then five of denominators.
//
// Params 0 to 5 are the first row; rows, whole workgroups of them; how far planes are apart; messages; how many of them a workgroup takes; the place of a list of their places. There are the place of the message's first
// fraction, the fingerprint's constant, how many fields, the count, and each field with its weight. Counts and fields are four words: of a column 0, or 1 if it is fixed, its first cell, how far rows are apart and how
// many there are; of a computed part 2 and its number; of what all rows have 3 and the value.

@group(0) @binding(1) var<storage, read> main_cells: array<u32>;
@group(0) @binding(2) var<storage, read> fixed_cells: array<u32>;
@group(0) @binding(3) var<storage, read> computed: array<u32>;
@group(0) @binding(4) var<storage, read_write> fractions: array<u32>;

// Of a row, which is counted from the first one on.
fn part(place: u32, row: u32) -> u32 {
    let kind = params[place];
    let first = params[place + 1u];
    if (kind == 3u) {
        return first;
    }
    if (kind == 2u) {
        return computed[first * params[1] + row];
    }
    let of_table = params[0] + row;
    if (of_table >= params[place + 3u]) {
        return 0u;
    }
    let cell = first + of_table * params[place + 2u];
    if (kind == 1u) {
        return fixed_cells[cell];
    }
    return main_cells[cell];
}

fn fingerprint(place: u32, row: u32) -> Ext {
    var a = sum_zero();
    var b = sum_zero();
    var c = sum_zero();
    var d = sum_zero();
    var e = sum_zero();
    let end = place + 11u + 9u * params[place + 6u];
    for (var field = place + 11u; field < end; field += 9u) {
        let x = part(field, row);
        a = sum_add(a, params[field + 4u], x);
        b = sum_add(b, params[field + 5u], x);
        c = sum_add(c, params[field + 6u], x);
        d = sum_add(d, params[field + 7u], x);
        e = sum_add(e, params[field + 8u], x);
    }
    return ext_add(ext_param(place + 1u), Ext(sum_done(a), sum_done(b), sum_done(c), sum_done(d), sum_done(e)));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    // Workgroups that read the same rows follow each other.
    let number = group.y * groups.x + group.x;
    let chunks = (params[3] + params[4] - 1u) / params[4];
    let row = number / chunks * 256u + local;
    if (row >= params[1]) {
        return;
    }
    let first = number % chunks * params[4];
    let end = min(params[3], first + params[4]);
    let s = params[2];
    for (var message = first; message < end; message++) {
        let place = params[params[5] + message];
        let at = params[place] + params[0] + row;
        let x = fingerprint(place, row);
        fractions[at] = part(place + 7u, row);
        fractions[at + s] = x.a;
        fractions[at + 2u * s] = x.b;
        fractions[at + 3u * s] = x.c;
        fractions[at + 4u * s] = x.d;
        fractions[at + 5u * s] = x.e;
    }
}
