fn put(len: u32, vector: u32, i: u32, x: Ext) {
    let place = 5u * vector * len + i;
    to[place] = x.a;
    to[place + len] = x.b;
    to[place + 2u * len] = x.c;
    to[place + 3u * len] = x.d;
    to[place + 4u * len] = x.e;
}
