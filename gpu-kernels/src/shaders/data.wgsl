// What sums are made with and where they go: elements lie one after the other, word by word.

fn data_ext(place: u32) -> Ext {
    return Ext(data[place], data[place + 1u], data[place + 2u], data[place + 3u], data[place + 4u]);
}

fn put_partial(number: u32, x: Ext) {
    let place = 5u * number;
    partial[place] = x.a;
    partial[place + 1u] = x.b;
    partial[place + 2u] = x.c;
    partial[place + 3u] = x.d;
    partial[place + 4u] = x.e;
}
