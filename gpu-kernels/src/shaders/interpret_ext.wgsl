// Values of the challenge field; a workgroup's slots lie one after the other, coordinate by coordinate, with its invocations beside each other.

alias Value = Ext;

var<private> first_slot: u32;

fn slot(i: u32) -> Ext {
    let p = first_slot + 1280u * i;
    return Ext(slots[p], slots[p + 256u], slots[p + 512u], slots[p + 768u], slots[p + 1024u]);
}

fn put(i: u32, x: Ext) {
    let p = first_slot + 1280u * i;
    slots[p] = x.a;
    slots[p + 256u] = x.b;
    slots[p + 512u] = x.c;
    slots[p + 768u] = x.d;
    slots[p + 1024u] = x.e;
}

fn value_of(x: u32) -> Ext {
    return ext_of(x);
}

fn value_add(x: Ext, y: Ext) -> Ext {
    return ext_add(x, y);
}

fn value_sub(x: Ext, y: Ext) -> Ext {
    return ext_sub(x, y);
}

fn value_mul(x: Ext, y: Ext) -> Ext {
    return ext_mul(x, y);
}

fn value_scale(x: Ext, y: u32) -> Ext {
    return ext_scale(x, y);
}
