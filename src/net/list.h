/* Intrusive doubly linked lists. */
#ifndef HR_NET_LIST_H
#define HR_NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A head, or a member embedded in an object. A member that is in no list
 * points to itself or is all zero. */
struct list {
	struct list *next, *prev;
};

/* The object of `type` that holds `ptr` as its `member`. */
#define CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* for (LIST_EACH(head, at, next)): the current member may be removed. */
#define LIST_EACH(head, at, after)                                                                 \
	struct list *at = (head)->next, *after = at->next; at != (head); at = after, after = at->next

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

/* Is this member in a list? */
static inline bool
list_linked(const struct list *l)
{
	return l->next && l->next != l;
}

static inline void
list_append(struct list *head, struct list *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

static inline void
list_prepend(struct list *head, struct list *l)
{
	list_append(head->next, l);
}

/* No effect on a member that is in no list. */
static inline void
list_remove(struct list *l)
{
	if (!list_linked(l))
		return;
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

#endif
