// One level from another: params 7 and 8 are how far its planes are apart, and the place of the table of its blocks (the first row's place).

@group(0) @binding(2) var<storage, read_write> above: array<u32>;

fn put(at: u32, x: Ext) {
    let s = params[7];
    above[at] = x.a;
    above[at + s] = x.b;
    above[at + 2u * s] = x.c;
    above[at + 3u * s] = x.d;
    above[at + 4u * s] = x.e;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = group.y * groups.x + group.x;
    if (number >= params[0]) {
        return;
    }
    let task = task(number);
    let end = min(task.rows, task.first + (256u << params[4]));
    for (var row = task.first + local; row < end; row += 256u) {
        let sum = sum_of(task.item, row);
        let at = params[params[8] + task.item] + row;
        put(at, sum.n);
        put(at + 5u * params[7], sum.d);
    }
}
