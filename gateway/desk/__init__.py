"""The desk on the internal listener: the same functions as pages, rendered here, and as a JSON API.

guard      who asks, may they, does it come from here     signing_in, oidc   how somebody signs in
views      what is shown, as values                       acting             what two people have to want
api        JSON                                           pages, forms       HTML, from `templates` and `words`
cases      what is done with requests             case_api, case_forms   the same two ways
figures    what is counted beside the requests            openapi            the API as a document
"""
