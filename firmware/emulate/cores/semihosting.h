/* Semihosting for the emulated cores: the host's files, console and exit status through BKPT 0xAB
 * (Arm, Semihosting for AArch32 and AArch64, version 2). */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

void semihosting_print(const char *text);
void semihosting_print_number(uint32_t value);
_Noreturn void semihosting_exit(int status);

/* The command line's word number `index` (0: the program's name), or an empty string where there is none.
 * It stands in a buffer that the next call overwrites. */
const char *semihosting_argument(int index);

/* A handle, or -1. */
int semihosting_open(const char *path, const char *mode);
/* Bytes read, fewer than size at the end of the file. */
size_t semihosting_read(int handle, void *data, size_t size);
void semihosting_write(int handle, const void *data, size_t size);
void semihosting_rewind(int handle);
void semihosting_close(int handle);

#endif
