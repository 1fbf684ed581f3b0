// An element of `record`, which a kernel declares.

fn record_ext(at: u32) -> Ext {
    return Ext(record[at], record[at + 1u], record[at + 2u], record[at + 3u], record[at + 4u]);
}
