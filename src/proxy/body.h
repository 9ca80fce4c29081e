/* Request bodies that are held in memory. */
#ifndef HR_PROXY_BODY_H
#define HR_PROXY_BODY_H

#include "proxy/request.h"

/* Tells a client that asked (Expect: 100-continue) to send its body. False: the
 * client is gone. */
bool body_invite(struct request *r);

/* Gives a held body back. */
void body_free(struct request *r);

#endif
