// A challenge that the host knows.

fn challenge() -> Ext {
    return ext_param(5u);
}
