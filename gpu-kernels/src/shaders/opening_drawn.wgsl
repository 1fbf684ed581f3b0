// A challenge that the device drew, at the place of the record in param 5.

@group(0) @binding(3) var<storage, read> record: array<u32>;

fn challenge() -> Ext {
    return record_ext(params[5]);
}
