// Sums of a workgroup's invocations.

var<workgroup> shared_words: array<u32, 1280>;

fn shared_ext(i: u32) -> Ext {
    return Ext(shared_words[i], shared_words[256u + i], shared_words[512u + i], shared_words[768u + i], shared_words[1024u + i]);
}

fn share_ext(i: u32, x: Ext) {
    shared_words[i] = x.a;
    shared_words[256u + i] = x.b;
    shared_words[512u + i] = x.c;
    shared_words[768u + i] = x.d;
    shared_words[1024u + i] = x.e;
}

// The first of each `width` invocations, a power of two, gets the sum of theirs.
fn shared_sum(local: u32, x: Ext, width: u32) -> Ext {
    share_ext(local, x);
    for (var step = width / 2u; step > 0u; step >>= 1u) {
        workgroupBarrier();
        if ((local & (width - 1u)) < step) {
            share_ext(local, ext_add(shared_ext(local), shared_ext(local + step)));
        }
    }
    return shared_ext(local);
}
