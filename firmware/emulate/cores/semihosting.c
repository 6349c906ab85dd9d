/* Every call is an operation number and a block of words; the answer comes back in r0. */
#include "semihosting.h"

#include <string.h>

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE0 = 0x04, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0a,
       SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };
enum { ADP_STOPPED_APPLICATION_EXIT = 0x20026 };

static int call(int operation, const void *block)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static uint32_t word(const void *pointer)
{
    return (uint32_t)(uintptr_t)pointer;
}

void semihosting_print(const char *text)
{
    call(SYS_WRITE0, text);
}

void semihosting_print_number(uint32_t value)
{
    char text[11];
    char *digit = text + sizeof text - 1;
    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    semihosting_print(digit);
}

void semihosting_exit(int status)
{
    const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status};
    call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

const char *semihosting_argument(int index)
{
    static char line[512];
    const uint32_t block[2] = {word(line), sizeof line};
    if (call(SYS_GET_CMDLINE, block))
        return "";
    const char *argument = line;
    while (index-- > 0) {
        const char *space = strchr(argument, ' ');
        if (!space)
            return "";
        argument = space + 1;
    }
    char *end = strchr(argument, ' ');
    if (end)
        *end = 0;
    return argument;
}

int semihosting_open(const char *path, const char *mode)
{
    /* The modes of fopen, numbered: r, rb, r+, r+b, w, wb. */
    const uint32_t block[3] = {word(path), mode[0] == 'w' ? 5u : 1u, (uint32_t)strlen(path)};
    return call(SYS_OPEN, block);
}

size_t semihosting_read(int handle, void *data, size_t size)
{
    const uint32_t block[3] = {(uint32_t)handle, word(data), (uint32_t)size};
    return size - (size_t)call(SYS_READ, block);
}

void semihosting_write(int handle, const void *data, size_t size)
{
    const uint32_t block[3] = {(uint32_t)handle, word(data), (uint32_t)size};
    call(SYS_WRITE, block);
}

void semihosting_rewind(int handle)
{
    const uint32_t block[2] = {(uint32_t)handle, 0};
    call(SYS_SEEK, block);
}

void semihosting_close(int handle)
{
    const uint32_t block[1] = {(uint32_t)handle};
    call(SYS_CLOSE, block);
}

/* The functions that startup.c calls: the exit status is main's, or 2 after a fault. */

void image_end(int status);
void image_fault(void);

void image_end(int status)
{
    semihosting_exit(status);
}

void image_fault(void)
{
    semihosting_print("fault: the program went where it should not\n");
    semihosting_exit(2);
}
