// Where fractions are put: param 7 is how far planes are apart there.

@group(0) @binding(2) var<storage, read_write> above: array<u32>;

fn put(at: u32, x: Ext) {
    let s = params[7];
    above[at] = x.a;
    above[at + s] = x.b;
    above[at + 2u * s] = x.c;
    above[at + 3u * s] = x.d;
    above[at + 4u * s] = x.e;
}

fn put_fraction(at: u32, n: Ext, d: Ext) {
    put(at, n);
    put(at + 5u * params[7], d);
}
