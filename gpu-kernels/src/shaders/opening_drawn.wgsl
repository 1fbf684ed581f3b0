// A challenge that the device drew, at the place of the record in param 5.

@group(0) @binding(3) var<storage, read> record: array<u32>;

fn challenge() -> Ext {
    let at = params[5];
    return Ext(record[at], record[at + 1u], record[at + 2u], record[at + 3u], record[at + 4u]);
}
