// The order in which constructors and destructors run. Output: a letter of each.

#include "zkvm_io.h"

extern "C" int atexit(void (*)());

namespace {

void say(char letter) {
    const auto byte = static_cast<uint8_t>(letter);
    write_output(&byte, 1);
}

__attribute__((constructor(101))) void first() { say('a'); }
__attribute__((constructor(102))) void second() { say('b'); }
__attribute__((destructor)) void last() { say('z'); }

void preinitialise() { say('P'); }
__attribute__((section(".preinit_array"), used)) void (*const entry)() = preinitialise;

struct Object {
    char letter;
    explicit Object(char letter) : letter(letter) { say(letter); }
    ~Object() { say(static_cast<char>(letter - 'a' + 'A')); }
};

Object c('c'), d('d');

void at_exit() {
    say('x');
    static Object late('l');
}

} // namespace

int main() {
    say('m');
    atexit(at_exit);
    static Object e('e');
    return -1;
}
