/* A stand-in for espeak-ng's library: a text says what is to happen, any other is spoken as a square wave as long as it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int callback(short *samples, int count, void *events);

static callback *heard;

int espeak_Initialize(int output, int buffer_ms, const char *path, int options)
{
    (void)output, (void)buffer_ms, (void)path, (void)options;
    return 16000;
}

const void *espeak_ListVoices(void *like)
{
    return like;
}

void espeak_ng_SetRandSeed(long seed)
{
    (void)seed;
}

void espeak_SetSynthCallback(callback *function)
{
    heard = function;
}

int espeak_SetVoiceByName(const char *name)
{
    (void)name;
    return 0;
}

int espeak_SetParameter(int parameter, int value, int relative)
{
    (void)parameter, (void)value, (void)relative;
    return 0;
}

int espeak_Synth(const char *text, size_t size, unsigned place, int kind, unsigned end, unsigned flags, unsigned *id, void *data)
{
    (void)size, (void)place, (void)kind, (void)end, (void)flags, (void)id, (void)data;
    short samples[16000];
    if (!strcmp(text, "crash"))
        raise(SIGSEGV);
    if (!strcmp(text, "run out of memory"))
        kill(getppid(), SIGKILL);
    while (!strcmp(text, "spin"))
        ;
    if (!strcmp(text, "wait")) {
        fputs("waiting\n", stderr);
        pause();
    }
    for (int i = 0; i < 16000; i++)
        samples[i] = i & 8 ? 1000 : -1000;
    for (const char *letter = text; *letter; letter++)
        heard(samples, 1600, 0);
    return 0;
}

int espeak_Synchronize(void)
{
    return 0;
}
