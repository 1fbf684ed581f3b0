// Sums of arrays that follow each other: one workgroup for at most 256 words of them, a job, of which params have the number. A job is the first array's place, how many there are, their length, the first word in
// them, and the place of the total's first coordinates, from which the next ones are as far as param 1 says. An array is five of these.

@group(0) @binding(1) var<storage, read> sums: array<u32>;
@group(0) @binding(2) var<storage, read> jobs: array<u32>;
@group(0) @binding(3) var<storage, read_write> totals: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let job = 5u * (group.y * groups.x + group.x);
    if (job >= 5u * params[0]) {
        return;
    }
    let len = jobs[job + 2u];
    let word = jobs[job + 3u] + local;
    if (word >= len) {
        return;
    }
    var total = 0u;
    for (var i = 0u; i < jobs[job + 1u]; i++) {
        total = add(total, sums[jobs[job] + i * len + word]);
    }
    let width = len / 5u;
    totals[jobs[job + 4u] + word / width * params[1] + word % width] = total;
}
