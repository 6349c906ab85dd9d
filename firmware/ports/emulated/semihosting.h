/* Semihosting for the emulated cores: the host's files, console and exit status through BKPT 0xAB
 * (Arm, Semihosting for AArch32 and AArch64, version 2). */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

void semihosting_print(const char *text);
void semihosting_print_number(uint32_t value);
_Noreturn void semihosting_exit(int status);

/* The words behind the program's name on the command line, or an empty string. */
const char *semihosting_arguments(void);

/* A handle, or -1. */
int semihosting_open(const char *path, const char *mode);
/* Bytes read, fewer than size at the end of the file. */
size_t semihosting_read(int handle, void *data, size_t size);
void semihosting_write(int handle, const void *data, size_t size);
void semihosting_close(int handle);

#endif
