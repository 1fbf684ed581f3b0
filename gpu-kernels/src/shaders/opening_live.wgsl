// A challenge that the device drew last.

@group(0) @binding(4) var<storage, read> live: array<u32>;

fn challenge() -> Ext {
    return Ext(live[0], live[1], live[2], live[3], live[4]);
}
