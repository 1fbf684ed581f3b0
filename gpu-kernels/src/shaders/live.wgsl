// An element of `live`, which a kernel declares.

fn live_ext(at: u32) -> Ext {
    return Ext(live[at], live[at + 1u], live[at + 2u], live[at + 3u], live[at + 4u]);
}
