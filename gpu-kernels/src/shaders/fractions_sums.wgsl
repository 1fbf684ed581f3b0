// One level from another: param 8 is the place of the table of its blocks (the first row's place).

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
        put_fraction(params[params[8] + task.item] + row, sum.n, sum.d);
    }
}
