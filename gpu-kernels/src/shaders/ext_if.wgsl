// An element, or zero.
fn ext_if(x: Ext, is_value: bool) -> Ext {
    if (is_value) {
        return x;
    }
    return ext_zero();
}
