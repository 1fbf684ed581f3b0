// The weighted sum of terms on rows of cells, interpreted: params after those of sums are where weights and public values begin, the program's first word and its end, its slots, then where each set's values are.

@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> code: array<u32>;
@group(0) @binding(4) var<storage, read_write> slots: array<u32>;
@group(0) @binding(5) var<storage, read_write> partial: array<u32>;

var<private> first_value: u32;
var<private> terms: Ext;

fn load(cell: u32) -> u32 {
    return values[first_value + cell * params[0]];
}

fn public_value(i: u32) -> u32 {
    return data[params[10] + i];
}

fn take(x: u32, term: u32) {
    terms = ext_add(terms, ext_scale(data_ext(params[9] + 5u * term), x));
}

fn begin(workgroup: u32, local: u32) {
    first_slot = 256u * params[13] * workgroup + local;
}

fn value(points: u32, row: u32) -> Ext {
    first_value = params[14u + points] + row;
    terms = ext_zero();
    interpret(params[11], params[12]);
    return terms;
}
