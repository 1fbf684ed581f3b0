// Two elements summed over a workgroup.

var<workgroup> lanes: array<array<u32, 256>, 10>;

fn put_lane(first: u32, local: u32, x: Ext) {
    lanes[first][local] = x.a;
    lanes[first + 1u][local] = x.b;
    lanes[first + 2u][local] = x.c;
    lanes[first + 3u][local] = x.d;
    lanes[first + 4u][local] = x.e;
}

// Afterwards the sum's words are those of lane 0.
fn sum_lanes(local: u32, x: Ext, y: Ext) {
    // Sums from before are read by now.
    workgroupBarrier();
    put_lane(0u, local, x);
    put_lane(5u, local, y);
    for (var half = 128u; half > 0u; half >>= 1u) {
        workgroupBarrier();
        if (local < half) {
            for (var word = 0u; word < 10u; word++) {
                lanes[word][local] = add(lanes[word][local], lanes[word][local + half]);
            }
        }
    }
    workgroupBarrier();
}
