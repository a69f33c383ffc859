"""Keys for people, and what is signed with them: key files, root metadata, signatures, who signs by when.

Secret keys lie outside the repository, encrypted. What lies in the repository, below `signing/`, is public.
"""
