// Weights of rows: a factor of the place in a block times one of the block's number. Params are rows, rows of a block, the first row's place, and how far coordinates are apart.

@group(0) @binding(1) var<storage, read> low: array<u32>;
@group(0) @binding(2) var<storage, read> high: array<u32>;
@group(0) @binding(3) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= params[0]) {
        return;
    }
    let n = params[1];
    let m = params[0] / n;
    let j = i % n;
    let k = i / n;
    let x = ext_mul(
        Ext(low[j], low[n + j], low[2u * n + j], low[3u * n + j], low[4u * n + j]),
        Ext(high[k], high[m + k], high[2u * m + k], high[3u * m + k], high[4u * m + k]),
    );
    let place = params[2] + i;
    let apart = params[3];
    to[place] = x.a;
    to[place + apart] = x.b;
    to[place + 2u * apart] = x.c;
    to[place + 3u * apart] = x.d;
    to[place + 4u * apart] = x.e;
}
