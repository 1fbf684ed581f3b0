// Binds the skipped bits of rests: params are the rows after that, and where they are put. The weights are the Lagrange polynomials.

@group(0) @binding(1) var<storage, read> rests: array<u32>;
@group(0) @binding(2) var<storage, read> lagrange: array<u32>;
@group(0) @binding(3) var<storage, read_write> folded: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    let n = params[0];
    if (i >= n) {
        return;
    }
    let rows = 32u * n;
    var sum = ext_zero();
    for (var j = 0u; j < 32u; j++) {
        let p = 512u * (i >> 4u) + 16u * j + (i & 15u);
        let x = Ext(rests[p], rests[rows + p], rests[2u * rows + p], rests[3u * rows + p], rests[4u * rows + p]);
        let l = 5u * j;
        sum = ext_add(sum, ext_mul(x, Ext(lagrange[l], lagrange[l + 1u], lagrange[l + 2u], lagrange[l + 3u], lagrange[l + 4u])));
    }
    let to = params[1] + i;
    folded[to] = sum.a;
    folded[to + n] = sum.b;
    folded[to + 2u * n] = sum.c;
    folded[to + 3u * n] = sum.d;
    folded[to + 4u * n] = sum.e;
}
