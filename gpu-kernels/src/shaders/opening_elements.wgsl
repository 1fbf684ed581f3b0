// Values one after the other, as the rows of a matrix with a column for each coordinate. Params are their number.

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= 5u * params[0]) {
        return;
    }
    to[i] = rows[(i % 5u) * params[0] + i / 5u];
}
