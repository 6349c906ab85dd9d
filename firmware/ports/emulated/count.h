/* Marks for the instruction counter (firmware/count.py): what is executed between them is counted. */
#ifndef COUNT_H
#define COUNT_H

void count_begin(void);
void count_end(void);

#endif
