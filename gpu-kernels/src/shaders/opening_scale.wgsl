// Multiplies two vectors by one minus a challenge. Params are their length and the challenge's place in the record.

@group(0) @binding(1) var<storage, read_write> rows: array<u32>;
@group(0) @binding(2) var<storage, read> record: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let len = params[0];
    if (t >= 2u * len) {
        return;
    }
    let vector = t / len;
    let i = t % len;
    let x = ext_mul(ext_at(len, vector, i), ext_sub(ext_of(ONE), record_ext(params[1])));
    let place = 5u * vector * len + i;
    rows[place] = x.a;
    rows[place + len] = x.b;
    rows[place + 2u * len] = x.c;
    rows[place + 3u * len] = x.d;
    rows[place + 4u * len] = x.e;
}
