// Vectors of which no bit is to be bound.

fn challenge() -> Ext {
    return ext_zero();
}
