"""The web shell: the two origins, their security, problems, pages and push. The only place that imports
FastAPI.
"""
