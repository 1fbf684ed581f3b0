// The digests of pairs of digests: params are the number of pairs.

@group(0) @binding(1) var<storage, read> below: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> digests: array<vec4<u32>>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= params[0]) {
        return;
    }
    let message = block(below[4u * i], below[4u * i + 1u], below[4u * i + 2u], below[4u * i + 3u]);
    let value = compress(initial(), message, CHUNK_START | CHUNK_END | ROOT);
    digests[2u * i] = value.low;
    digests[2u * i + 1u] = value.high;
}
