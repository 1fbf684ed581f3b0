// Sums of a round, many tables' at once: params are the workgroups, and the place of their list and of the jobs. Of a workgroup the list has its job, its first slot, and its number in the job.
//
// A job is a part of a table's terms at one node: the program's first word and its end, the node, where the table's cells are and their rows, where weights of terms, public values, weights of pairs and of lanes, and what is added to
// the terms are, how many groups it has, and its first partial sum.

@group(0) @binding(1) var<storage, read> folded: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> code: array<u32>;
@group(0) @binding(4) var<storage, read> list: array<u32>;
@group(0) @binding(5) var<storage, read_write> slots: array<u32>;
@group(0) @binding(6) var<storage, read_write> partial: array<u32>;

var<private> job: u32;
var<private> row: u32;
var<private> terms: Ext;

fn element(place: u32, n: u32) -> Ext {
    return Ext(folded[place], folded[place + n], folded[place + 2u * n], folded[place + 3u * n], folded[place + 4u * n]);
}

// The cell at the node, between two rows.
fn load(cell: u32) -> Ext {
    let node = list[job + 2u];
    let n = list[job + 4u];
    let place = list[job + 3u] + 5u * n * cell + row;
    var zero = ext_zero();
    if (node != ONE) {
        zero = element(place, n);
    }
    if (node == 0u) {
        return zero;
    }
    var one = ext_zero();
    if (row + 16u < n) {
        one = element(place + 16u, n);
    }
    if (node == ONE) {
        return one;
    }
    return ext_add(zero, ext_scale(ext_sub(one, zero), node));
}

fn public_value(i: u32) -> u32 {
    return data[list[job + 6u] + i];
}

fn take(x: Ext, term: u32) {
    terms = ext_add(terms, ext_mul(x, data_ext(list[job + 5u] + 5u * term)));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let workgroup = group.y * groups.x + group.x;
    let known = params[1] + 3u * min(workgroup, params[0] - 1u);
    job = params[2] + 12u * list[known];
    first_slot = list[known + 1u] + local;
    let own = list[known + 2u];
    var sum = ext_zero();
    if (workgroup < params[0]) {
        // Pairs of vectors; the last may lack its second.
        let items = ((list[job + 4u] + 16u) / 32u) * 16u;
        for (var i = 256u * own + local; i < items; i += 256u * list[job + 10u]) {
            row = 32u * (i >> 4u) + (i & 15u);
            terms = data_ext(list[job + 9u]);
            interpret(list[job], list[job + 1u]);
            sum = ext_add(sum, ext_mul(terms, data_ext(list[job + 7u] + 5u * (i >> 4u))));
        }
        sum = ext_mul(sum, data_ext(list[job + 8u] + 5u * (local & 15u)));
    }
    let total = shared_sum(local, sum, 256u);
    if (local == 0u && workgroup < params[0]) {
        put_partial(list[job + 11u] + own, total);
    }
}
