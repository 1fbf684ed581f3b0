// Sums of rows of words, a workgroup for each: params are the words of a row, the number of rows, the place of the first sum, how many sums follow each other, and how far such lists are apart.

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

var<workgroup> terms: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = group.y * groups.x + group.x;
    var sum = 0u;
    if (row < params[1]) {
        for (var i = local; i < params[0]; i += 256u) {
            sum = add(sum, rows[row * params[0] + i]);
        }
    }
    terms[local] = sum;
    for (var half = 128u; half > 0u; half >>= 1u) {
        workgroupBarrier();
        if (local < half) {
            terms[local] = add(terms[local], terms[local + half]);
        }
    }
    if (local == 0u && row < params[1]) {
        to[params[2] + row / params[3] * params[4] + row % params[3]] = terms[0];
    }
}
