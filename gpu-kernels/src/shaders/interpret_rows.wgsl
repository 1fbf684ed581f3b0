// What a program makes of rows' columns, value by value: params are the first row, rows, the program's first word and its end, invocations, slots, the place of the table's columns, then public values if the program reads some.

@group(0) @binding(4) var<storage, read> code: array<u32>;
@group(0) @binding(5) var<storage, read_write> slots: array<u32>;
@group(0) @binding(6) var<storage, read_write> values: array<u32>;

var<private> row: u32;

fn load(column: u32) -> u32 {
    return column_cell(params[6], column, params[0] + row);
}

fn public_value(i: u32) -> u32 {
    return params[7u + i];
}

fn take(x: u32, number: u32) {
    values[number * params[1] + row] = x;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    if (t >= params[4]) {
        return;
    }
    first_slot = (t - local) * params[5] + local;
    for (var i = t; i < params[1]; i += params[4]) {
        row = i;
        interpret(params[2], params[3]);
    }
}
