/* Gives each file that is named to a fuzz target, once, without a fuzzer. */
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"

#define LONGEST 4096

int main(int count, char **paths)
{
    for (int i = 1; i < count; i++) {
        FILE *const file = fopen(paths[i], "rb");
        uint8_t *const content = malloc(LONGEST);
        if (!file || !content)
            return 1;
        const size_t size = fread(content, 1, LONGEST, file);
        uint8_t *const exact = realloc(content, size + !size); /* reading beyond its end is found */
        fclose(file);
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    printf("%d inputs\n", count - 1);
    return 0;
}
