// BLAKE3's compression (BLAKE3 paper, section 2.2). The state's rows are vectors; a message's words are those of the columns' first and second half steps, then those of the diagonals'.

const CHUNK_START: u32 = 1u;
const CHUNK_END: u32 = 2u;
const PARENT: u32 = 4u;
const ROOT: u32 = 8u;
const KEYED_HASH: u32 = 16u;
const BLOCK_BYTES: u32 = 64u;

struct Digest { low: vec4<u32>, high: vec4<u32> }

struct Block { a: vec4<u32>, b: vec4<u32>, c: vec4<u32>, d: vec4<u32> }

fn initial() -> Digest {
    return Digest(
        vec4(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au),
        vec4(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u),
    );
}

// Of sixteen words in their order.
fn block(w: vec4<u32>, x: vec4<u32>, y: vec4<u32>, z: vec4<u32>) -> Block {
    return Block(vec4(w.xz, x.xz), vec4(w.yw, x.yw), vec4(y.xz, z.xz), vec4(y.yw, z.yw));
}

fn rotated(x: vec4<u32>, by: u32) -> vec4<u32> {
    return (x >> vec4(by)) | (x << vec4(32u - by));
}

struct Rows { a: vec4<u32>, b: vec4<u32>, c: vec4<u32>, d: vec4<u32> }

fn mixed(s: Rows, x: vec4<u32>, y: vec4<u32>) -> Rows {
    var a = s.a + s.b + x;
    var d = rotated(s.d ^ a, 16u);
    var c = s.c + d;
    var b = rotated(s.b ^ c, 12u);
    a = a + b + y;
    d = rotated(d ^ a, 8u);
    c = c + d;
    b = rotated(b ^ c, 7u);
    return Rows(a, b, c, d);
}

fn compress(key: Digest, message: Block, flags: u32) -> Digest {
    return compress_of_chunk(0u, key, message, flags);
}

// Of a chunk with this number.
fn compress_of_chunk(number: u32, key: Digest, message: Block, flags: u32) -> Digest {
    var s = Rows(key.low, key.high, initial().low, vec4(number, 0u, BLOCK_BYTES, flags));
    var m = message;
    for (var round = 0u; round < 7u; round++) {
        s = mixed(s, m.a, m.b);
        s = Rows(s.a, s.b.yzwx, s.c.zwxy, s.d.wxyz);
        s = mixed(s, m.c, m.d);
        s = Rows(s.a, s.b.wxyz, s.c.zwxy, s.d.yzwx);
        m = Block(
            vec4(m.a.y, m.b.y, m.b.w, m.a.z),
            vec4(m.a.w, m.c.y, m.a.x, m.d.z),
            vec4(m.b.x, m.c.z, m.d.x, m.d.w),
            vec4(m.d.y, m.b.z, m.c.w, m.c.x),
        );
    }
    return Digest(s.a ^ s.c, s.b ^ s.d);
}
