#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes sure that a power cut does not take what was made in `folder`. Best effort: not
 * every file system can. */
static void
sync_folder(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* The same for `path`, being the last part made: in the folder above it. */
static void
sync_above(char *path)
{
	char *const slash = strrchr(path, '/');

	if (!slash) {
		sync_folder(".");
		return;
	}
	*slash = '\0';
	sync_folder(slash == path ? "/" : path);
	*slash = '/';
}

/* mkdir -p. */
static int
make_all(const char *folder)
{
	char part[PATH_MAX];
	const size_t n = strlen(folder);

	if (n == 0 || n >= sizeof part) {
		errno = n ? ENAMETOOLONG : ENOENT;
		return -1;
	}
	memcpy(part, folder, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) == 0)
			sync_above(part);
		else if (errno != EEXIST && errno != EISDIR)
			return -1;
		part[i] = i == n ? '\0' : '/';
	}
	return 0;
}

static const char *
advice(int e)
{
	switch (e) {
	case EROFS:
	case EACCES:
	case EPERM:
		return "Make it writable, or choose another folder with HEADROOM_WORKSPACE_DIR.";
	case ENOSPC:
	case EDQUOT:
		return "Free some space, or choose another folder with HEADROOM_WORKSPACE_DIR.";
	case ELOOP:
		return "Replace the symbolic link by the file itself.";
	default:
		return "Choose another folder with HEADROOM_WORKSPACE_DIR.";
	}
}

static enum err
refuse(const char *what, const char *path, char *why, size_t room)
{
	const int e = errno;

	snprintf(why, room, "Cannot %s %.300s: %s. %s", what, path, strerror(e), advice(e));
	return ERR_IO;
}

enum err
folder_make(const char *folder, const char *path, char *why, size_t room)
{
	if (make_all(folder) != 0)
		return refuse("make the folder", folder, why, room);
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		close(fd);
		sync_folder(folder);
		return OK;
	}
	if (errno != EEXIST)
		return refuse("write", path, why, room);
	/* Not opened but looked at: closing a descriptor of a file drops every POSIX
	 * lock that SQLite holds on it for another store of this process. */
	struct stat st;
	if (lstat(path, &st) != 0)
		return refuse("read", path, why, room);
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return refuse("use", path, why, room);
	}
	if ((st.st_mode & 0177) != 0 && chmod(path, 0600) != 0)
		return refuse("protect", path, why, room);
	return OK;
}
