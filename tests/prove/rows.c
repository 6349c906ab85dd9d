/* The rows of a layer in many sizes: any weights, any codes. */
#include "layer_kernels.h"
#include "rows.h"

#include "any.h"

/* Beyond MOST_COLUMNS intervals, which do not know that the start of a sum is what its codes take away again, exceed 32 bits.
 * Each column adds to a sum by itself, so the sum is largest where every column has the same end of its range.  Those ends are
 * run at LONGEST, the most columns of int16 that the export allows. */
enum { MOST_COLUMNS = 170, LONGEST = 511, MOST_ROWS = 9 };

static uint8_t weights[(MOST_ROWS + 1) * LONGEST];
static int16_t codes[LONGEST];
static int32_t sums[MOST_ROWS], room[(LONGEST + 1) / 2];

/* Arrays end where those of the rows end, so that what is beyond them is beyond the object. */
static void multiply(int rows, int columns)
{
    int32_t *const last = sums + MOST_ROWS - rows;
    const struct kws_vector x = kws_vector_of(codes + LONGEST - columns, columns, 0, room);
    for (int row = 0; row < rows; row++)
        last[row] = 0;
    kws_multiply_rows(weights + sizeof weights - ((rows + 1) & ~1) * columns, rows, &x, last, last);
}

static void multiply_ends(int16_t code, uint8_t weight)
{
    for (int i = 0; i < LONGEST; i++)
        codes[i] = code;
    for (unsigned i = 0; i < sizeof weights; i++)
        weights[i] = weight;
    multiply(5, LONGEST);
}

int main(void)
{
    for (int end = 0; end < 4; end++)
        multiply_ends(end & 1 ? INT16_MAX : INT16_MIN, end & 2 ? 255 : 0);
    multiply_ends(INT16_MIN, 127);
    multiply_ends(INT16_MIN, 128);
    ANY(weights);
    ANY(codes);
    for (int rows = 1; rows <= MOST_ROWS; rows++)
        for (int columns = 1; columns <= 20; columns++)
            multiply(rows, columns);
    multiply(MOST_ROWS, MOST_COLUMNS - 1);
    multiply(MOST_ROWS, MOST_COLUMNS);
    /*@ assert end: \true; */
    return 0;
}
