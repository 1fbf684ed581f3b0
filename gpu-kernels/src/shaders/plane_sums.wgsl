// The sum of each plane: params are the elements of one, the planes, and the place of the first sum.

@group(0) @binding(1) var<storage, read> planes: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

var<workgroup> scratch: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let plane = group.y * groups.x + group.x;
    if (plane >= params[1]) {
        return;
    }
    var sum = 0u;
    for (var i = local; i < params[0]; i += 256u) {
        sum = add(sum, planes[plane * params[0] + i]);
    }
    scratch[local] = sum;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half >>= 1u) {
        if (local < half) {
            scratch[local] = add(scratch[local], scratch[local + half]);
        }
        workgroupBarrier();
    }
    if (local == 0u) {
        to[params[2] + plane] = scratch[0];
    }
}
