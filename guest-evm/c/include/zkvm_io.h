/* Input and output of a guest: the IO interface of the Ethereum zkVM standards.

   The input is private, the output public: a proof says that some input leads to this output. */

#ifndef ZKVM_IO_H
#define ZKVM_IO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets *buf_ptr and *buf_size to the input. It lies in read-only memory for the whole run and is not copied; every call gives the
   same. */
void read_input(const uint8_t **buf_ptr, size_t *buf_size);

/* Appends size bytes to the output, which is the concatenation of all calls. */
void write_output(const uint8_t *output, size_t size);

#ifdef __cplusplus
}
#endif

#endif
