"""Brings existing repositories to newer templates, and to another tier, by one git merge of two renders.

The old render is what the templates once made of the stored answers, the new one what they make now. Their
difference is merged into what the owner has made of the old one, so no line of the owner is overwritten.
"""
