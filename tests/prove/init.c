/* kws_init reads the tables of a model, all of them and nothing else. */
#include "kws_model.h"
#include "memory.h"

#include "any.h"

static struct FRONTEND frontend;
static struct STREAM stream;

int main(void)
{
    static struct kws_features other;
    const enum kws_status status = kws_init(&stream.kws, &MODEL, &FEATURES, &frontend.frontend);
    /*@ assert status == KWS_OK; */
    const enum kws_status refused = kws_init(&stream.kws, &MODEL, &other, &frontend.frontend);
    /*@ assert refused == KWS_WRONG_FRONTEND; */
    /*@ assert end: \true; */
    return 0;
}
