/* Values that an analysis knows nothing of but their range. */
#ifndef ANY_H
#define ANY_H

#include "__fc_builtin.h"

#define ANY(object) Frama_C_make_unknown((char *)&(object), sizeof(object))

static inline void any_codes(int16_t *codes, int count, int least, int most)
{
    for (int i = 0; i < count; i++)
        codes[i] = (int16_t)Frama_C_interval(least, most);
}

#endif
