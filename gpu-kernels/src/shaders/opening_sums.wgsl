// Sums of columns over some rows, weighted: one workgroup for each job, of which params have the number, and how far the weights' coordinates are apart. An invocation has four columns of every so many rows.
//
// A job is its first four cells' number, the fours in a row, rows, the first row's weight, and where its sums go: the columns' first coordinates, then their second ones, …, in fours.

@group(0) @binding(1) var<storage, read> cells: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read> jobs: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4<u32>>;

var<workgroup> lanes: array<vec4<u32>, 256>;

struct Four { a: Sum, b: Sum, c: Sum, d: Sum }

fn four_zero() -> Four {
    return Four(sum_zero(), sum_zero(), sum_zero(), sum_zero());
}

fn four_add(s: Four, cells: vec4<u32>, weight: u32) -> Four {
    return Four(sum_add(s.a, cells.x, weight), sum_add(s.b, cells.y, weight), sum_add(s.c, cells.z, weight), sum_add(s.d, cells.w, weight));
}

// The sum over the lanes that have the same columns, in the first of them.
fn total(s: Four, local: u32, fours: u32) -> vec4<u32> {
    var sum = vec4(sum_done(s.a), sum_done(s.b), sum_done(s.c), sum_done(s.d));
    workgroupBarrier();
    lanes[local] = sum;
    for (var half = 128u; half >= fours; half >>= 1u) {
        workgroupBarrier();
        if (local < half) {
            sum += lanes[local + half];
            sum = min(sum, sum - vec4(P));
            lanes[local] = sum;
        }
    }
    return sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let job = group.y * groups.x + group.x;
    var rows = 0u;
    var fours = 1u;
    var first = 0u;
    var weight = 0u;
    var to = 0u;
    if (job < params[0]) {
        first = jobs[5u * job];
        fours = jobs[5u * job + 1u];
        rows = jobs[5u * job + 2u];
        weight = jobs[5u * job + 3u];
        to = jobs[5u * job + 4u];
    }
    let apart = params[1];
    let column = local % fours;
    var a = four_zero();
    var b = four_zero();
    var c = four_zero();
    var d = four_zero();
    var e = four_zero();
    for (var row = local / fours; row < rows; row += 256u / fours) {
        let x = cells[first + row * fours + column];
        let w = weight + row;
        a = four_add(a, x, weights[w]);
        b = four_add(b, x, weights[w + apart]);
        c = four_add(c, x, weights[w + 2u * apart]);
        d = four_add(d, x, weights[w + 3u * apart]);
        e = four_add(e, x, weights[w + 4u * apart]);
    }
    let of_a = total(a, local, fours);
    let of_b = total(b, local, fours);
    let of_c = total(c, local, fours);
    let of_d = total(d, local, fours);
    let of_e = total(e, local, fours);
    if (job < params[0] && local < fours) {
        sums[to + column] = of_a;
        sums[to + fours + column] = of_b;
        sums[to + 2u * fours + column] = of_c;
        sums[to + 3u * fours + column] = of_d;
        sums[to + 4u * fours + column] = of_e;
    }
}
