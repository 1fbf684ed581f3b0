// A guest in C++, with static objects: one is constructed before `main`, one in a function, and both are destroyed after `main`.
//
// Output: the sum of the input's bytes, which the first object's constructor computes, and its SHA-256 digest; then a byte of each
// destructor. The exit code is the sum modulo 256.

#include "tern.h"
#include "zkvm_accelerators.h"
#include "zkvm_io.h"

namespace {

void say(char letter) {
    const auto byte = static_cast<uint8_t>(letter);
    write_output(&byte, 1);
}

class Counter {
  public:
    Counter() {
        const uint8_t *input;
        size_t size;
        read_input(&input, &size);
        for (size_t i = 0; i < size; i++) {
            sum_ += input[i];
        }
    }

    ~Counter() { say('c'); }

    uint64_t sum() const { return sum_; }

  private:
    uint64_t sum_ = 0;
};

struct Shape {
    virtual ~Shape() = default;
    virtual uint64_t corners() const = 0;
};

struct Square final : Shape {
    ~Square() override { say('s'); }
    uint64_t corners() const override { return 4; }
    // The program has no allocator; a virtual destructor wants to name one.
    static void operator delete(void *, size_t) {}
};

const Shape &shape() {
    static const Square square;
    return square;
}

// An allocator of the simplest kind, over the program's heap.
class Arena {
  public:
    uint64_t *words(size_t count) {
        uint64_t *start = next_;
        const size_t left = static_cast<size_t>(_heap_end - reinterpret_cast<uint8_t *>(next_)) / sizeof(uint64_t);
        if (count > left) {
            tern_exit(9);
        }
        next_ += count;
        return start;
    }

  private:
    uint64_t *next_ = reinterpret_cast<uint64_t *>(_heap_start);
};

Counter counter;
Arena arena;

} // namespace

int main() {
    uint64_t *sum = arena.words(1);
    *sum += counter.sum() + shape().corners() - shape().corners();
    write_output(reinterpret_cast<const uint8_t *>(sum), sizeof *sum);

    zkvm_sha256_hash digest;
    if (zkvm_sha256(reinterpret_cast<const uint8_t *>(sum), sizeof *sum, &digest) != ZKVM_EOK) {
        return -1;
    }
    write_output(digest.data, sizeof digest.data);
    return static_cast<int>(*sum & 0xff);
}
